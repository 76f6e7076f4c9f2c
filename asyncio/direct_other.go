//go:build !unix

package asyncio

import "net"

// direct is for systems where a socket can be written to without waiting.
type direct struct{}

func newDirect(net.Conn) *direct   { return nil }
func (d *direct) write([]byte) int { return 0 }
