package jobimports

import "time"

import "library"

func only() {
	time.AfterFunc(1, func() { library.CurrentUser() }) // want `reads User; use contextvars.AfterFunc`
}
