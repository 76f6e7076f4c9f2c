// Package cthread calls Go functions from threads that C has made, as audio and
// graphics libraries and event loops written in C do. It exists for its tests: cgo
// cannot be used in a test file.
package cthread
