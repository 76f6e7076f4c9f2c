module github.com/gocontextvars/contextvars

go 1.26
