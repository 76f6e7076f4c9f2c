module github.com/gocontextvars/contextvars/contrib/zerologvars

go 1.26.0

require (
	github.com/gocontextvars/contextvars v0.0.0
	github.com/rs/zerolog v1.35.1
	go.uber.org/goleak v1.3.0
)

require (
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/rs/xid v1.6.0 // indirect
	golang.org/x/sys v0.29.0 // indirect
)

replace github.com/gocontextvars/contextvars => ../../
