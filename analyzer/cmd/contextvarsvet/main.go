// Command contextvarsvet finds mistakes with context variables: see package analyzer.
//
//	go vet -vettool=$(which contextvarsvet) ./...   quick, and go's cache knows the results
//	contextvarsvet ./...                            by itself
//	contextvarsvet -fix ./...                       makes the repairs that are mechanical
//	go vet -vettool=$(which contextvarsvet) -govet ./...   go vet's own checks, too
//
// Flags turn checks on and off: -once=false leaves one out, -token runs it alone.
// "contextvarsvet help" lists them.
package main

import "github.com/gocontextvars/contextvars/analyzer/vettool"

func main() { vettool.Main() }
