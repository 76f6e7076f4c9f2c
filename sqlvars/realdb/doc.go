// Package realdb has the tests of package sqlvars with real databases: SQLite, which is
// compiled into the test, and PostgreSQL, if SQLVARS_POSTGRES says where there is one. It
// is a module of its own, so that package sqlvars requires nothing.
package realdb
