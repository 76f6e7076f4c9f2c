package workerpool

type WorkerPool struct{}

func New(n int) *WorkerPool               { return nil }
func (p *WorkerPool) Submit(f func())     {}
func (p *WorkerPool) SubmitWait(f func()) {}
