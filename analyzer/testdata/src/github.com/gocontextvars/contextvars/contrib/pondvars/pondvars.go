package pondvars

import "github.com/alitto/pond/v2"

func NewPool(size int) pond.Pool { return nil }
