//go:build cgo && unix

package cthread

/*
#cgo LDFLAGS: -pthread
#include "thread.h"
*/
import "C"
import "runtime/cgo"

// A Thread is a thread that C has made. It must be stopped.
type Thread struct{ thread *C.cthread }

// Start starts a thread.
func Start() *Thread { return &Thread{C.cthread_start()} }

// Call has the thread call f, and waits for that.
func (t *Thread) Call(f func()) {
	callback := cgo.NewHandle(f)
	defer callback.Delete()
	C.cthread_call(t.thread, C.uintptr_t(callback))
}

// Stop ends the thread.
func (t *Thread) Stop() { C.cthread_stop(t.thread) }

// CallHere has C call f on the thread that runs the calling goroutine.
func CallHere(f func()) {
	callback := cgo.NewHandle(f)
	defer callback.Delete()
	C.goCallback(C.uintptr_t(callback))
}

//export goCallback
func goCallback(callback C.uintptr_t) { cgo.Handle(callback).Value().(func())() }
