module github.com/gocontextvars/contextvars/bench

go 1.26

require (
	github.com/dop251/goja v0.0.0-20260917113740-793a2a65c13b
	github.com/dop251/goja_nodejs v0.0.0-20260212111938-1f56ff5bcf14
	github.com/gocontextvars/contextvars v0.0.0
	github.com/jtolds/gls v4.20.0+incompatible
	github.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261
	github.com/timandy/routine v1.1.6
)

require (
	github.com/dlclark/regexp2/v2 v2.5.2 // indirect
	github.com/go-sourcemap/sourcemap v2.1.4+incompatible // indirect
	github.com/google/pprof v0.0.0-20240727154555-813a5fbdbec8 // indirect
	github.com/gopherjs/gopherjs v1.21.0 // indirect
	golang.org/x/text v0.16.0 // indirect
)

replace github.com/gocontextvars/contextvars => ../
