package main

import "github.com/gocontextvars/contextvars"

var user = contextvars.New[string]("user")

func main() {
	user.Set("the program's")
	setUp()
	Configure()
	user.Set("x").Restore() // want `user.Set is taken back at once`
	serve(func() {
		user.Set("a job's") // want `stays behind`
		setUp()
	})
}

// setUp is called by main and by a job.
func setUp() { SetUp() }

func SetUp() {}

// Configure is called by main alone: nobody imports package main.
func Configure() { user.Set("x") }

func configure() { user.Set("x") } // want `return the token`

var _ = configure

func serve(f func()) { jobs = append(jobs, f) }

var jobs []func()
