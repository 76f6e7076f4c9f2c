package pond

type Task interface{ Wait() error }

type Pool interface {
	Submit(task func()) Task
	SubmitErr(task func() error) Task
	Go(task func()) error
	NewGroup() TaskGroup
}

type TaskGroup interface {
	Submit(tasks ...func()) TaskGroup
}

type ResultPool[R any] interface {
	Submit(task func() R) Task
}

func NewPool(size int) Pool                       { return nil }
func NewResultPool[R any](size int) ResultPool[R] { return nil }
