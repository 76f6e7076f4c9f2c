package jobimports

import (
	"library"
	"time"
)

func taken(contextvars time.Duration) {
	time.AfterFunc(contextvars, func() { library.CurrentUser() }) // want `reads User; use contextvars.AfterFunc`
}
