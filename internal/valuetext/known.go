package valuetext

import (
	"log/slog"
	"net/netip"
	"reflect"
	"strconv"
	"time"
)

// known writes values of types whose methods are those of the standard library, read nothing that can change, and
// say more than the fields.
func (w *writer) known(v reflect.Value) bool {
	t := v.Type()
	switch t {
	case durationType:
		w.plain(time.Duration(v.Int()).String())
		return true
	case monthType:
		w.plain(time.Month(v.Int()).String())
		return true
	case weekdayType:
		w.plain(time.Weekday(v.Int()).String())
		return true
	case levelType:
		w.plain(slog.Level(v.Int()).String())
		return true
	case timeType, addrType, addrPortType, prefixType:
	default:
		return false
	}
	if !v.CanInterface() { // a field that is not exported
		w.plain(t.String() + "{...}")
		return true
	}
	switch x := v.Interface().(type) {
	case time.Time:
		// A Location is behind a pointer, so the time is shown as it is in UTC.
		w.plain(x.UTC().Format(milliseconds))
	case netip.Addr:
		w.addr(x)
	case netip.AddrPort:
		w.addrPort(x)
	case netip.Prefix:
		w.plain(x.String())
	}
	return true
}

// milliseconds is time.RFC3339Nano, as short as people want it.
const milliseconds = "2006-01-02T15:04:05.999Z07:00"

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	monthType    = reflect.TypeFor[time.Month]()
	weekdayType  = reflect.TypeFor[time.Weekday]()
	levelType    = reflect.TypeFor[slog.Level]()
	addrType     = reflect.TypeFor[netip.Addr]()
	addrPortType = reflect.TypeFor[netip.AddrPort]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
)

// addr does not ask a for its text as a whole: a zone can be as long as anything that comes from outside.
func (w *writer) addr(a netip.Addr) {
	zone := a.Zone()
	w.plain(a.WithZone("").String())
	if zone != "" {
		w.plain("%")
		w.plain(zone)
	}
}

func (w *writer) addrPort(a netip.AddrPort) {
	if a.Addr().Zone() == "" {
		w.plain(a.String())
		return
	}
	w.plain("[")
	w.addr(a.Addr())
	w.plain("]:" + strconv.Itoa(int(a.Port())))
}
