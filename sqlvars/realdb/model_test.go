package realdb

import (
	"database/sql"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/sqlvars"
)

// nests makes random nests of InTx, and keeps beside the database what should be in it.
type nests struct {
	t  *testing.T
	r  *rand.Rand
	db *sql.DB
	n  int
}

// some does some things, which add to before, and returns what there should be then.
func (n *nests) some(before []string, depth int) []string {
	for range n.r.IntN(4) {
		switch n.r.IntN(4) {
		case 0:
			n.n++
			word := strconv.Itoa(n.n)
			insert(n.t, n.db, word)
			before = append(before[:len(before):len(before)], word)
		case 1: // fails, and not only for itself
			if depth > 0 && len(before) > 0 {
				want(n.t, "nested", sqlvars.InTx(n.db, func() error { return tryInsert(n.db, before[0]) }) != nil, true)
			}
		default:
			if depth < 5 {
				before = n.nest(before, depth)
			}
		}
		want(n.t, "seen", words(n.t, sqlvars.From(n.db)), strings.Join(before, " "))
	}
	return before
}

func (n *nests) nest(before []string, depth int) []string {
	after, end := before, n.r.IntN(4)
	p := panicOf(func() {
		err := sqlvars.InTx(n.db, func() error {
			inside := n.some(before, depth+1)
			switch end {
			case 0:
				return errTest
			case 1:
				panic(errTest)
			}
			after = inside
			return nil
		})
		want(n.t, "fails", err != nil, end == 0)
	})
	want(n.t, "panics", p != nil, end == 1)
	return after
}

func TestRandomNests(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		for seed := range 30 {
			if _, err := db.Exec("DELETE FROM sqlvars_test_words"); err != nil {
				t.Fatal(err)
			}
			n := &nests{t: t, r: rand.New(rand.NewPCG(uint64(seed), 5)), db: db}
			all := n.some(nil, 0)
			for range 5 {
				all = n.nest(all, 0)
			}
			want(t, "words", words(t, db), strings.Join(all, " "))
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	})
}
