// Reads and writes baggage as OpenTelemetry for Node does. Each line of the input is a
// request, each line of the output the answer to one:
//
//   {"read": list}      [{"key":, "value":, "metadata":}]
//   {"write": entries}  list
"use strict";
const { propagation, ROOT_CONTEXT, baggageEntryMetadataFromString, defaultTextMapGetter, defaultTextMapSetter } = require("@opentelemetry/api");
const { W3CBaggagePropagator } = require("@opentelemetry/core");

const propagator = new W3CBaggagePropagator();

function read(list) {
  const baggage = propagation.getBaggage(propagator.extract(ROOT_CONTEXT, { baggage: list }, defaultTextMapGetter));
  const entries = baggage ? baggage.getAllEntries() : [];
  return entries.map(([key, { value, metadata }]) => ({ key, value, metadata: metadata ? metadata.toString() : "" }));
}

function write(entries) {
  let baggage = propagation.createBaggage();
  for (const { key, value, metadata } of entries) {
    baggage = baggage.setEntry(key, { value, metadata: metadata ? baggageEntryMetadataFromString(metadata) : undefined });
  }
  const carrier = {};
  propagator.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), carrier, defaultTextMapSetter);
  return carrier.baggage || "";
}

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  const answer = "read" in request ? read(request.read) : write(request.write);
  process.stdout.write(JSON.stringify(answer) + "\n");
});
