module github.com/gocontextvars/contextvars/bench

go 1.26

require (
	github.com/gocontextvars/contextvars v0.0.0
	github.com/jtolds/gls v4.20.0+incompatible
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261
	github.com/timandy/routine v1.1.6
)

require github.com/gopherjs/gopherjs v1.21.0 // indirect

replace github.com/gocontextvars/contextvars => ../
