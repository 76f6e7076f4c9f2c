// Package thirdparty has no code, only tests: they show what a job sees that another
// package starts, first without any help and then with the function of contextvars
// that mends it. docs/matrix.md has the results.
//
// Where a test asserts that something is wrong without help, it is there to fail when
// the other package changes, so that the table is changed, too.
package thirdparty
