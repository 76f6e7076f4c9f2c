package ignore

import "github.com/gocontextvars/contextvars"

var user = contextvars.New[string]("user")

func silenced() {
	user.Set("x") //contextvars:ignore token each call has a goroutine of its own
	//contextvars:ignore token it is on the next line
	// that is no comment
	user.Set("x")
	user.Set("y") // want `stays behind`
	work()
}

// all of it is silenced
//
//contextvars:ignore token the caller restores it all
func all() {
	user.Set("x")
	func() { user.Set("x") }()
	work()
}

func notSilenced() {
	user.Set("x") //contextvars:ignore token // want `say why token is to be ignored here: //contextvars:ignore token reason` `stays behind`
	user.Set("x") //contextvars:ignore tokens because // want `there is no check tokens to ignore` `stays behind`
	user.Set("x") //contextvars:ignore // want `name the check to ignore, and say why: //contextvars:ignore CHECK reason` `stays behind`
	user.Set("x") //contextvars:ignore local it is another check // want `stays behind`
	user.Set("x") //contextvars:ignored // want `stays behind`
	work()
}

func work() {}
