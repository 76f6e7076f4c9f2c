package scenario

// Workflows and Activities are what a worker has to register.
var (
	Workflows  = []any{Journey, Child, Desk, Again, Retry, Announce, Pay, Order}
	Activities = []any{Look, LookForDebug, Tell, Charge}
)
