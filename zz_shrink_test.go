package contextvars_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

type fakeT struct {
	testing.TB
	failed bool
	msg    string
}

func (f *fakeT) Errorf(format string, args ...any) { f.failed, f.msg = true, fmt.Sprintf(format, args...) }
func (f *fakeT) Helper()                           {}
func (f *fakeT) Failed() bool                      { return f.failed }

func fails(code []byte) (string, bool) {
	f := &fakeT{}
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				f.Errorf("PANIC %v", r)
			}
		}()
		runProgram(f, append([]byte(nil), code...))
	}()
	<-done
	return f.msg, f.failed
}

func TestShrink(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	random := rand.New(rand.NewPCG(uint64(seed), 99))
	for range n {
		code := make([]byte, random.IntN(300))
		for i := range code {
			code[i] = byte(random.Uint32())
		}
		if _, bad := fails(code); !bad {
			continue
		}
		for size := 64; size > 0; size /= 2 {
			for again := true; again; {
				again = false
				for i := 0; i+size <= len(code); i++ {
					c := append(append([]byte(nil), code[:i]...), code[i+size:]...)
					if _, bad := fails(c); bad {
						code, again = c, true
						i--
					}
				}
			}
		}
		msg, _ := fails(code)
		t.Fatalf("%v\n%s", code, msg)
	}
}
