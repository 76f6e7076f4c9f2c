// Package jobadapted has its pools from the adapter, which looks like those of pond.
package jobadapted

import (
	"github.com/alitto/pond/v2"
	"github.com/gocontextvars/contextvars/contrib/pondvars"
	"library"
)

var jobs pond.Pool = pondvars.NewPool(1)

func submit() { jobs.Submit(func() { library.CurrentUser() }) }
