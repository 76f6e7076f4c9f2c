package jobimports

import (
	"library"
	"time"
)

func remind(d time.Duration) {
	time.AfterFunc(d, func() { library.CurrentUser() }) // want `reads User; use contextvars.AfterFunc`
}
