package contextvars_test

import (
	"fmt"
	"strings"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func TestOptions(t *testing.T) {
	for name, options := range map[string][]cv.Option{
		"none":              nil,
		"Local":             {cv.Local()},
		"Label":             {cv.Label()},
		"Local twice":       {cv.Local(), cv.Local()},
		"Label twice":       {cv.Label(), cv.Label()},
		"Local, then Label": {cv.Local(), cv.Label()},
		"Label, then Local": {cv.Label(), cv.Local()},
	} {
		t.Run(name, func(t *testing.T) {
			local := strings.Contains(name, "Local")
			plain := cv.New[int]("plain", options...)
			withDefault := cv.NewDefault("withDefault", 7, options...)
			wantNothing(t, plain)
			wantValue(t, withDefault, 7)
			token := plain.Set(1)
			withDefault.Set(2)
			wantValue(t, plain, 1)
			wantValue(t, withDefault, 2)
			elsewhere(func() {
				_, ok := plain.Lookup()
				want(t, "is seen by a goroutine", ok, !local)
				_, ok = withDefault.In(cv.CopyContext())
				want(t, "is in a copy", ok, !local)
				if local {
					wantProfiled(t) // what is not seen is no label either
				}
			})
			if name == "Label" || name == "Label twice" {
				wantProfiled(t, "plain=1", "withDefault=2")
			}
			wantReset(t, plain, token, nil)
			wantNothing(t, plain)
			withDefault.Unset()
			wantValue(t, withDefault, 7)
			wantProfiled(t)
		})
	}
}

// setting is a value whose String method sets a variable.
type setting struct {
	v *cv.ContextVar[int]
	n int
}

func (s setting) String() string {
	s.v.Set(s.n)
	return fmt.Sprint(s.n)
}

// Set formats the value of a Label variable, which is to run a user's code.
func TestLabelWhoseValueSetsVariable(t *testing.T) { // 68, for the one place where it can happen
	v := cv.New[int]("v")
	label := cv.New[setting]("label", cv.Label())
	v.Set(1)
	token := label.Set(setting{v, 2})
	wantProfiled(t, "label=2")
	want(t, "label", label.Get().n, 2)
	wantValue(t, v, 2)
	want(t, "Restore", token.Restore(), true)
	wantProfiled(t)
}

// exploding is a value whose String method panics.
type exploding struct{}

func (exploding) String() string { panic("out") }

func TestLabelWhoseValuePanics(t *testing.T) {
	label := cv.New[exploding]("label", cv.Label())
	token := label.Set(exploding{}) // fmt catches it
	want(t, "there is a value", len(profiled(t)), 1)
	want(t, "Restore", token.Restore(), true)
	wantProfiled(t)
}

func TestRedactedIsKeptFromWhatPeopleRead(t *testing.T) {
	password := cv.NewDefault("password", "default secret", cv.Redacted(), cv.Label())
	plain := cv.New[string]("plain")
	want(t, "IsRedacted", cv.IsRedacted(password), true)
	want(t, "IsRedacted of another", cv.IsRedacted(plain), false)
	token := password.Set("set secret")
	wantValue(t, password, "set secret")
	wantProfiled(t, "password="+cv.RedactedText)
	for _, text := range []string{password.String(), token.String(), cv.CopyContext().String()} {
		if strings.Contains(text, "secret") {
			t.Error(text)
		}
	}
	token.Restore()
}
