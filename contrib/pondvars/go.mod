module github.com/gocontextvars/contextvars/contrib/pondvars

go 1.26.0

require (
	github.com/alitto/pond/v2 v2.7.1
	github.com/gocontextvars/contextvars v0.0.0
	go.uber.org/goleak v1.3.0
)

replace github.com/gocontextvars/contextvars => ../../
