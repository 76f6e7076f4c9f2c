package pondvars

import "github.com/gocontextvars/contextvars"

// A task is bound first and submitted in an empty context then, so that a worker which is
// started for it holds nothing.

// detached is contextvars.Detach with a result.
func detached[R any](f func() R) (r R) {
	contextvars.Detach(func() { r = f() })
	return r
}

func detached2[R, S any](f func() (R, S)) (r R, s S) {
	contextvars.Detach(func() { r, s = f() })
	return r, s
}

func bind(call string, task func()) func() {
	checkTask(task == nil, call)
	return contextvars.Bind(task)
}

// bindResult binds a task that is run once.
func bindResult[R any](call string, task func() R) func() R {
	checkTask(task == nil, call)
	var r R
	bound := contextvars.Bind(func() { r = task() })
	return func() R {
		bound()
		return r
	}
}

// bindResultErr binds a task that is run once.
func bindResultErr[R any](call string, task func() (R, error)) func() (R, error) {
	checkTask(task == nil, call)
	var r R
	var err error
	bound := contextvars.Bind(func() { r, err = task() })
	return func() (R, error) {
		bound()
		return r, err
	}
}

// bindAll binds the tasks of a group, or none if one of them is nil.
func bindAll[F any](call string, tasks []F, bind func(call string, task F) F) []F {
	bound := make([]F, len(tasks))
	for i, task := range tasks {
		bound[i] = bind(call, task)
	}
	return bound
}

func checkTask(isNil bool, call string) {
	if isNil {
		panic("pondvars: " + call + " was given a nil task")
	}
}
