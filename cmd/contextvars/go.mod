module github.com/gocontextvars/contextvars/cmd/contextvars

go 1.26.0

require (
	github.com/gocontextvars/contextvars v0.0.0
	github.com/gocontextvars/contextvars/analyzer v0.0.0
	github.com/rogpeppe/go-internal v1.16.0
	golang.org/x/sys v0.49.0
	golang.org/x/term v0.47.0
)

require (
	golang.org/x/mod v0.39.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/tools v0.49.0 // indirect
)

replace github.com/gocontextvars/contextvars => ../../

replace github.com/gocontextvars/contextvars/analyzer => ../../analyzer
