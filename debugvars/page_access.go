package debugvars

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// refusal is why a request that a browser sends for another site is not answered, or empty. It asks
// nothing of who is no browser.
//
// Other sites may have links to the page, and nothing else: a browser says by Sec-Fetch-Site whether what is asked
// for is for another site. A site can get around that if it gives its own name the address of this machine (DNS rebinding), but
// not around the Host that the browser then sends: who comes by way of the loopback interface has to ask for an address or for localhost.
func refusal(r *http.Request) string {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
	default:
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
			return "debugvars: other sites may only link to the page"
		}
	}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && isLoopback(local) && !isThisMachine(r.Host) {
		return "debugvars: this server listens on the loopback interface, and does not answer for other names: ask for " +
			local.String() + "; a proxy in front of it has to set Host to that"
	}
	return ""
}

func isLoopback(a net.Addr) bool {
	address, err := netip.ParseAddrPort(a.String())
	return err == nil && address.Addr().Unmap().IsLoopback()
}

// isThisMachine says that a Host is an address, or a name that nobody else can give an address.
func isThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
