package tokentasks

// This file does not import package asyncio, and is not taken for one with tasks alone.

func Later() { loop.CallSoon(func() { user.Set("x") }) }

func Other() {
	user.Set("x") // want `stays behind`
	func() {}()
}
