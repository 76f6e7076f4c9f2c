module github.com/gocontextvars/contextvars/contrib/antsvars

go 1.26.0

require (
	github.com/gocontextvars/contextvars v0.0.0
	github.com/panjf2000/ants/v2 v2.12.1
	go.uber.org/goleak v1.3.0
)

require golang.org/x/sync v0.11.0 // indirect

replace github.com/gocontextvars/contextvars => ../../
