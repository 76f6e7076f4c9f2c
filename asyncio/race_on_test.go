//go:build race

package asyncio

const raceEnabled = true
