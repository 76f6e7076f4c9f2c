package temporalvars

import (
	"encoding/json"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// carrier is a header as package wire wants it: texts instead of payloads.
type carrier struct {
	get func(key string) (*commonpb.Payload, bool)
	set func(key string, payload *commonpb.Payload) // nil if it is only read
}

func (c carrier) Values(key string) []string {
	payload, ok := c.get(key)
	if !ok {
		return nil
	}
	var text string
	if err := converter.GetDefaultDataConverter().FromPayload(payload, &text); err != nil {
		return []string{notText}
	}
	if text == "" {
		return nil
	}
	return []string{text}
}

// notText stands for a payload that is no JSON string. It is not baggage either, so it is
// dropped, and a report says so.
const notText = "[no JSON string]"

func (c carrier) Set(key, value string) {
	data, _ := json.Marshal(value) // a string never fails
	c.set(key, &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
		Data:     data,
	})
}

// fields is a header's map.
type fields map[string]*commonpb.Payload

func (f fields) get(key string) (*commonpb.Payload, bool) {
	payload, ok := f[key]
	return payload, ok
}

func (f fields) set(key string, payload *commonpb.Payload) { f[key] = payload }
