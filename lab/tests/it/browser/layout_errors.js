// Returns the errors in the layout of the page: a list of sentences.
(() => {
  const found = [];
  // Not `innerWidth`, which grows with overflowing content on a phone.
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`it is ${scrollWidth} px wide on a screen of ${clientWidth}`);
  for (const field of document.querySelectorAll('input, textarea')) {
    if (!field.labels.length) found.push(`${field.outerHTML} has no label`);
  }
  // WCAG 2, success criterion 1.4.3.
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color === 'rgba(0, 0, 0, 0)' && element.parentElement ? background(element.parentElement) : color;
  };
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!own && !element.matches('input, textarea')) continue;
    const [light, dark] = [getComputedStyle(element).color, background(element)].map(luminance).sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) found.push(`${element.outerHTML.slice(0, 80)} has a contrast of ${contrast.toFixed(1)}`);
  }
  return found;
})()
