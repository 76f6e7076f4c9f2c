package wire

// A Carrier is what takes text along: headers of a request, attributes of a message.
// An http.Header and a nats.Header are carriers as they are.
type Carrier interface {
	// Values returns all texts under the key; none is nil or empty.
	Values(key string) []string
	// Set puts value in the place of what was there under the key. If it is empty, nothing is
	// left, and the carrier may as well remove the key.
	Set(key, value string)
}

func checkCarrier(call string, c Carrier) {
	if c == nil {
		panic("wire: " + call + " was given a nil Carrier; give it the request's headers, or a wire.Map")
	}
}

// Keys of a carrier. They are asked for in this form, as the specification wants it; a
// carrier that tells upper from lower case should read the others, too.
const (
	// Key is that of requests and messages.
	Key = "baggage"
	// ReplyKey is that of replies.
	ReplyKey = "baggage-reply"
)

// Map is a carrier for whatever keeps its metadata in a map.
type Map map[string]string

// Values returns what is under the key.
func (m Map) Values(key string) []string {
	if value, ok := m[key]; ok {
		return []string{value}
	}
	return nil
}

// Set changes the map, which must not be nil.
func (m Map) Set(key, value string) {
	if value == "" {
		delete(m, key)
		return
	}
	m[key] = value
}
