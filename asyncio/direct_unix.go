//go:build unix

package asyncio

import (
	"net"
	"syscall"
)

// direct writes to a socket as much as it takes without waiting: the loop can do that itself, which saves
// starting a goroutine for nearly every write.
type direct struct {
	socket syscall.RawConn
	try    func(fd uintptr) bool // made once
	p      []byte
	n      int
}

// newDirect returns nil for what is not known to be a plain socket. What only has one inside may do more than
// writing to it.
func newDirect(conn net.Conn) *direct {
	var socket syscall.RawConn
	var err error
	switch c := conn.(type) {
	case *net.TCPConn:
		socket, err = c.SyscallConn()
	case *net.UnixConn:
		socket, err = c.SyscallConn()
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	d := &direct{socket: socket}
	d.try = func(fd uintptr) bool {
		for d.n < len(d.p) {
			n, err := syscall.Write(int(fd), d.p[d.n:])
			if err == nil {
				d.n += n
			} else if err != syscall.EINTR {
				break
			}
		}
		return true
	}
	return d
}

// write returns how much of p was written. Why it was not all is for the next write to find out.
func (d *direct) write(p []byte) int {
	d.p, d.n = p, 0
	_ = d.socket.Write(d.try)
	d.p = nil
	return d.n
}
