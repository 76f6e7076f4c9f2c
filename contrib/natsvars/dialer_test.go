package natsvars_test

import "net"

// dialer is a nats.CustomDialer that calls itself first.
type dialer func()

func (d dialer) Dial(network, address string) (net.Conn, error) {
	d()
	return net.Dial(network, address)
}
