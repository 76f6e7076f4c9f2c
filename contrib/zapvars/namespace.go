package zapvars

import "go.uber.org/zap/zapcore"

// opensNamespace reports whether the fields that follow f stand in a namespace of f's.
func opensNamespace(f zapcore.Field) bool {
	switch f.Type {
	case zapcore.NamespaceType:
		return true
	case zapcore.InlineMarshalerType: // it may, and only trying tells
		w := watch{ObjectEncoder: zapcore.NewMapObjectEncoder()}
		f.AddTo(&w)
		return w.opened
	}
	return false // what is opened in an object ends with it
}

// watch sees a namespace being opened.
type watch struct {
	zapcore.ObjectEncoder
	opened bool
}

func (w *watch) OpenNamespace(string) { w.opened = true }
