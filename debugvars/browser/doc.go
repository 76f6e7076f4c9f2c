// Package browser tests the page of package debugvars in a real browser: Chromium without a window, on the service
// example while that runs. It is a module of its own for what it takes to steer one.
//
// The browser is chromium, or what the environment variable CHROME names. Without one the tests are
// skipped, unless CI is set. UPDATE_SCREENSHOTS=1 has the pictures in docs/screenshots taken anew.
package browser
