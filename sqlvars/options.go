package sqlvars

import (
	"database/sql"
	"fmt"
)

// An OptionsError says that the options of a nested call of [InTxContext] are not those of
// the transaction that is live.
type OptionsError struct {
	Have sql.TxOptions // the transaction's
	Want sql.TxOptions // those of the nested call
}

// Error says which option differs and what to do.
func (e *OptionsError) Error() string {
	differs := fmt.Sprintf("isolation level %v in a transaction with %v", e.Want.Isolation, e.Have.Isolation)
	if e.Have.ReadOnly != e.Want.ReadOnly {
		differs = fmt.Sprintf("ReadOnly %t in a transaction with ReadOnly %t", e.Want.ReadOnly, e.Have.ReadOnly)
	}
	return "sqlvars: a nested InTxContext asks for " + differs +
		", which cannot be changed for a part of it; give it nil options, or the outermost call these"
}

// fits returns an error unless a nested call may have these options.
func (t *transaction) fits(opts *sql.TxOptions) error {
	if opts == nil || opts.ReadOnly == t.opts.ReadOnly &&
		(opts.Isolation == sql.LevelDefault || opts.Isolation == t.opts.Isolation) {
		return nil
	}
	return &OptionsError{Have: t.opts, Want: *opts}
}
