package jobimports

import (
	"library"
	"time"

	cv "github.com/gocontextvars/contextvars"
)

func renamed(d time.Duration) {
	time.AfterFunc(d, func() { library.CurrentUser() }) // want `reads User; use contextvars.AfterFunc`
	cv.Go(func() {})
}
