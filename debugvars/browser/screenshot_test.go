package browser

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
)

// largest is how many bytes a picture for the README may have.
const largest = 150_000

// TestScreenshots takes pictures of the page, and keeps them if it is asked to.
func TestScreenshots(t *testing.T) {
	for _, picture := range []struct {
		name, query, ready string
		view               action
	}{
		{"goroutines", "?group=tenant&var=tenant", `document.querySelectorAll(".goroutines tbody tr[data-key^=g]").length > 6`,
			chromedp.Steps(chromedp.EmulateViewport(1280, 720), inScheme("light"))},
		{"tree", "?view=tree&var=tenant", `document.querySelectorAll(".node:not(.between)").length > 6`,
			chromedp.Steps(chromedp.EmulateViewport(1280, 800), inScheme("dark"))},
		{"loops", "?view=loops", `document.querySelectorAll(".tasks tbody tr").length > 5`,
			chromedp.Steps(chromedp.EmulateViewport(1280, 640), inScheme("light"))},
		{"ended", "?view=ended", `document.querySelector(".ended tbody tr")`,
			chromedp.Steps(chromedp.EmulateViewport(1280, 520), inScheme("light"))},
		{"phone", "?var=tenant%3Dacme", rows + `.length > 2`,
			chromedp.Steps(chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile), inScheme("dark"))},
	} {
		t.Run(picture.name, func(t *testing.T) {
			b := open(t, page+picture.query, picture.view)
			b.until(picture.ready)
			shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if os.Getenv("UPDATE_SCREENSHOTS") != "" {
				keep(t, picture.name, shot)
			}
		})
	}
}

// keep writes a picture, in fewer colors than the browser does.
func keep(t *testing.T, name string, shot []byte) {
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	few := image.NewPaletted(picture.Bounds(), commonColors(picture))
	draw.Draw(few, few.Bounds(), picture, few.Bounds().Min, draw.Src)
	var packed bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&packed, few); err != nil {
		t.Fatal(err)
	}
	if packed.Len() > largest {
		t.Errorf("%d bytes", packed.Len())
	}
	const dir = "../../docs/screenshots"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// commonColors is the 256 colors of a picture that it has most of: with text on plain ground hardly any other is missed.
func commonColors(picture image.Image) color.Palette {
	counts := map[color.Color]int{}
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			counts[picture.At(x, y)]++
		}
	}
	colors := slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return counts[b] - counts[a] })
	return colors[:min(len(colors), 256)]
}
