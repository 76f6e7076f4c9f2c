package internal

type Context interface{ Done() }
