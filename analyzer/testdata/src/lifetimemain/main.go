package main

import (
	"database/sql"

	"github.com/gocontextvars/contextvars"
)

var user = contextvars.New[string]("user")

func main() {
	defer user.Set("the program's").Restore()
	sql.Open("x", "y")
	go func() {
		for {
		}
	}()
}
