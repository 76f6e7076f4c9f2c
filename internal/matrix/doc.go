// Package matrix writes docs/matrix.md: for each library, what a job of it sees of
// context variables, without help and with ours. The rows come from tests, which hand in
// what they have observed, and fail where the page says something else:
//
//	func TestMatrix(t *testing.T) {
//		matrix.Check(t, "contrib/antsvars", matrix.Row{
//			Where:   "a job in a reused goroutine",
//			Module:  "github.com/panjf2000/ants/v2",
//			Without: seenWithout(), // what the job answered
//			With:    seenWith(),
//			Help:    "`antsvars.Pool.Submit`",
//		})
//	}
//
// A section begins with the path of the folder whose tests make it; there may be
// several of a folder, as "thirdparty: timers".
package matrix
