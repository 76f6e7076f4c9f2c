// Package plain does not use context variables: nothing is found in it.
package plain

import (
	"context"
	"net/http"
	"runtime/pprof"
	"time"
)

type token struct{}

func (token) Restore() bool { return true }

type variable struct{}

func (variable) Set(int) token { return token{} }
func (variable) Get() int      { return 0 }

var v variable

func handler(w http.ResponseWriter, r *http.Request) {
	v.Set(1)
	v.Set(1).Restore()
	defer v.Set(1)
	time.AfterFunc(1, func() { v.Get() })
	pprof.Do(context.Background(), pprof.Labels(), func(context.Context) {})
	go func() {
		for {
			time.Sleep(1)
		}
	}()
} //contextvars:ignore
