//go:build !race

package contextvars_test

const raceEnabled = false
