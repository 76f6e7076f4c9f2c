// All of this file is silenced.

//contextvars:ignore token the callers are all of one package

package ignore

func inFile() {
	user.Set("x")
	work()
}
