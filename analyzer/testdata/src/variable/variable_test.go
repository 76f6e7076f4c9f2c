package variable

import (
	"testing"

	"github.com/gocontextvars/contextvars"
)

func TestMakesItsOwn(t *testing.T) { contextvars.New[int]("x").Get() }
