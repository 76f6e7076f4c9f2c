package contextvars_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// wantText says that text is pattern, in which ADDRESS stands for an address.
func wantText(t *testing.T, text fmt.Stringer, pattern string) {
	t.Helper()
	pattern = strings.ReplaceAll(regexp.QuoteMeta(pattern), "ADDRESS", "0x[0-9a-f]+")
	if got := text.String(); !regexp.MustCompile("^" + pattern + "$").MatchString(got) {
		t.Errorf("String: got %s, want %s", got, pattern)
	}
	want(t, "with %v", fmt.Sprint(text), text.String())
}

func TestVariableString(t *testing.T) { // 11
	wantText(t, cv.New[int]("a \"name\""), `<ContextVar name="a \"name\"" at ADDRESS>`)
	wantText(t, cv.NewDefault("v", 5), `<ContextVar name="v" default=5 at ADDRESS>`)
	wantText(t, cv.NewDefault("v", "five"), `<ContextVar name="v" default="five" at ADDRESS>`)
	wantText(t, cv.NewDefault("v", ""), `<ContextVar name="v" default="" at ADDRESS>`)
	wantText(t, cv.NewDefault[any]("v", nil), `<ContextVar name="v" default=<nil> at ADDRESS>`)
	a, b := cv.New[int]("same"), cv.New[int]("same")
	want(t, "the address tells them apart", a.String() != b.String(), true)
	before := a.String()
	a.Set(3)
	want(t, "does not depend on the value", a.String(), before)
}

// holder is a default that leads to a variable.
type holder struct{ variable fmt.Stringer }

func (h *holder) String() string { return "holder of " + h.variable.String() }

func TestVariableStringInItsDefault(t *testing.T) { // 11
	own, inA, inB := new(holder), new(holder), new(holder)
	v, a, b := cv.NewDefault("v", own), cv.NewDefault("a", inA), cv.NewDefault("b", inB)
	own.variable, inA.variable, inB.variable = v, b, a
	// The second round, and other goroutines, get what the first gets.
	var group sync.WaitGroup
	for range 2 {
		for range 4 {
			group.Go(func() {
				wantText(t, v, `<ContextVar name="v" default=holder of <ContextVar name="v" default=... at ADDRESS> at ADDRESS>`)
				wantText(t, a, `<ContextVar name="a" default=holder of <ContextVar name="b" default=holder of `+
					`<ContextVar name="a" default=... at ADDRESS> at ADDRESS> at ADDRESS>`)
			})
		}
		group.Wait()
	}
	type inStruct struct{ V any }
	w := cv.NewDefault("w", &inStruct{})
	w.Get().V = w
	wantText(t, w, `<ContextVar name="w" default=&{<ContextVar name="w" default=... at ADDRESS>} at ADDRESS>`)
}

func TestTokenString(t *testing.T) { // 35
	v := cv.NewDefault("v", 1)
	token := v.Set(2)
	wantText(t, token, `<Token var=<ContextVar name="v" default=1 at ADDRESS> at ADDRESS>`)
	want(t, "the same for a copy", cv.Token[int](token).String(), token.String())
	other := v.Set(2)
	want(t, "the address tells them apart", token.String() != other.String(), true)
	elsewhere(func() { token.Restore() })
	want(t, "used after a refused Restore", strings.Contains(token.String(), "used"), false)
	token.Restore()
	wantText(t, token, `<Token used var=<ContextVar name="v" default=1 at ADDRESS> at ADDRESS>`)
	wantText(t, other, `<Token var=<ContextVar name="v" default=1 at ADDRESS> at ADDRESS>`)
	wantText(t, cv.Token[int]{}, `<Token of no variable>`)
}

func TestContextString(t *testing.T) {
	v, w := cv.New[string]("v"), cv.New[string]("w")
	c := cv.NewContext()
	wantText(t, c, `<Context of 0 variables at ADDRESS>`)
	c.Run(func() {
		v.Set("secret")
		w.Set("secret")
		wantText(t, c, `<Context of 2 variables at ADDRESS>`)
	})
	want(t, "the address tells them apart", c.String() != c.Copy().String(), true)
	want(t, "the address is c's", strings.Contains(c.String(), fmt.Sprintf("%p", c)), true)
}

func TestNilStrings(t *testing.T) {
	wantText(t, (*cv.ContextVar[int])(nil), `<nil ContextVar>`)
	wantText(t, (*cv.Context)(nil), `<nil Context>`)
	want(t, "with %v", fmt.Sprintf("%v", cv.Variable((*cv.ContextVar[int])(nil))), "<nil ContextVar>")
}
