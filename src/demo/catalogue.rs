//! What the shop sells, and in which stores: plain data.
//! Never a visitor, never tracking.

use serde_json::{Value, json};

/// One storefront: a country with its currency and its law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Store {
    /// Code in the address (`?store=de`).
    pub(super) code: &'static str,
    /// Name for people.
    pub(super) label: &'static str,
    /// ISO 4217.
    pub(super) currency: &'static str,
    /// Printed before amounts.
    pub(super) symbol: &'static str,
    /// ISO 3166-1 alpha-2 of the country preselected at checkout.
    pub(super) country: &'static str,
    /// True where nothing may be tracked before the visitor agrees.
    pub(super) opt_in: bool,
    /// Column of [`Product::cents`].
    price: usize,
}

/// The stores; the first is the default.
pub(super) const STORES: &[Store] = &[
    Store {
        code: "us",
        label: "United States",
        currency: "USD",
        symbol: "$",
        country: "US",
        opt_in: false,
        price: 0,
    },
    Store {
        code: "uk",
        label: "United Kingdom",
        currency: "GBP",
        symbol: "£",
        country: "GB",
        opt_in: true,
        price: 1,
    },
    Store {
        code: "de",
        label: "Deutschland",
        currency: "EUR",
        symbol: "€",
        country: "DE",
        opt_in: true,
        price: 2,
    },
];

/// Countries the shop delivers to: ISO code, name, calling code, trunk prefix of
/// national telephone numbers.
pub(super) const COUNTRIES: &[(&str, &str, &str, &str)] = &[
    ("US", "United States", "1", "1"),
    ("CA", "Canada", "1", "1"),
    ("GB", "United Kingdom", "44", "0"),
    ("IE", "Ireland", "353", "0"),
    ("DE", "Germany", "49", "0"),
    ("AT", "Austria", "43", "0"),
    ("FR", "France", "33", "0"),
    ("NL", "Netherlands", "31", "0"),
];

/// One article.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Product {
    /// Stock number: the content id on both channels.
    pub(super) sku: &'static str,
    /// Last part of its address.
    pub(super) slug: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// A sentence or two.
    pub(super) blurb: &'static str,
    /// Glaze, as a CSS colour.
    pub(super) colour: &'static str,
    /// Which drawing shows it.
    pub(super) shape: &'static str,
    /// Price per store, in hundredths.
    cents: [u32; 3],
}

/// Everything on the shelves.
pub(super) const PRODUCTS: &[Product] = &[
    Product {
        sku: "MUG-BLUE",
        slug: "blue-mug",
        name: "Blue mug",
        blurb: "Thrown in one piece, glazed in the blue of a clear evening. Holds a third of a litre.",
        colour: "#3f6ea8",
        shape: "mug",
        cents: [4200, 3400, 3900],
    },
    Product {
        sku: "MUG-MOSS",
        slug: "moss-mug",
        name: "Moss mug",
        blurb: "The same body as its blue sister, with a matt green ash glaze.",
        colour: "#6b8054",
        shape: "mug",
        cents: [3800, 3100, 3500],
    },
    Product {
        sku: "CUP-ESPRESSO",
        slug: "espresso-cup",
        name: "Espresso cup",
        blurb: "Thick walls keep two mouthfuls hot.",
        colour: "#8a5a44",
        shape: "cup",
        cents: [1950, 1600, 1850],
    },
    Product {
        sku: "BOWL-TEA",
        slug: "tea-bowl",
        name: "Tea bowl",
        blurb: "No handle, a trimmed foot and a quiet white slip.",
        colour: "#d8cfc0",
        shape: "cup",
        cents: [2800, 2300, 2600],
    },
    Product {
        sku: "PLATE-DINNER",
        slug: "dinner-plate",
        name: "Dinner plate",
        blurb: "27 cm across, flat, with a rim that keeps the sauce in.",
        colour: "#b9a27f",
        shape: "plate",
        cents: [3400, 2800, 3200],
    },
    Product {
        sku: "POT-TEA",
        slug: "teapot",
        name: "Teapot",
        blurb: "Pours without dripping. Holds a litre, comes with a strainer.",
        colour: "#54606e",
        shape: "pot",
        cents: [7950, 6500, 7400],
    },
];

/// A number of pieces of one article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// The article.
    pub(super) product: &'static Product,
    /// How many.
    pub(super) quantity: u32,
}

impl Store {
    /// The store with that code.
    pub(super) fn find(code: &str) -> Option<&'static Store> {
        STORES.iter().find(|store| store.code == code)
    }

    /// An amount as people read it.
    pub(super) fn show(&self, cents: u32) -> String {
        format!("{}{}.{:02}", self.symbol, cents / 100, cents % 100)
    }
}

impl Product {
    /// The article at that address.
    pub(super) fn by_slug(slug: &str) -> Option<&'static Product> {
        PRODUCTS.iter().find(|product| product.slug == slug)
    }

    /// The article with that stock number.
    pub(super) fn by_sku(sku: &str) -> Option<&'static Product> {
        PRODUCTS.iter().find(|product| product.sku == sku)
    }

    /// Price in hundredths.
    pub(super) fn cents(&self, store: &Store) -> u32 {
        self.cents[store.price]
    }
}

/// Articles whose name or text contains every word of the query.
pub(super) fn search(query: &str) -> Vec<&'static Product> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let says = |product: &Product, word: &str| {
        product.name.to_lowercase().contains(word) || product.blurb.to_lowercase().contains(word)
    };
    PRODUCTS
        .iter()
        .filter(|product| !words.is_empty() && words.iter().all(|word| says(product, word)))
        .collect()
}

/// Sum of some lines in hundredths.
pub(super) fn total(lines: &[Line], store: &Store) -> u32 {
    lines.iter().map(|line| line.product.cents(store) * line.quantity).sum()
}

/// An amount as both channels send it: a number with at most two decimals.
pub(super) fn amount(cents: u32) -> Value {
    json!(f64::from(cents) / 100.0)
}

/// The parameters that say what an action was about: ids, contents, value, currency.
pub(super) fn about(lines: &[Line], store: &Store) -> serde_json::Map<String, Value> {
    let ids: Vec<&str> = lines.iter().map(|line| line.product.sku).collect();
    let contents: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({
                "id": line.product.sku,
                "quantity": line.quantity,
                "item_price": amount(line.product.cents(store)),
            })
        })
        .collect();
    let mut params = serde_json::Map::new();
    params.insert("content_type".into(), json!("product"));
    params.insert("content_ids".into(), json!(ids));
    params.insert("contents".into(), json!(contents));
    params.insert("value".into(), amount(total(lines, store)));
    params.insert("currency".into(), json!(store.currency));
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_to_the_cent() {
        assert_eq!(amount(4200).as_f64(), Some(42.0));
        assert_eq!(amount(1950 * 3).to_string(), "58.5");
        assert_eq!(STORES[0].show(1950), "$19.50");
        assert_eq!(STORES[2].show(7405), "€74.05");
    }

    #[test]
    fn every_word_of_a_query_has_to_be_there() {
        let names = |query: &str| search(query).iter().map(|p| p.name).collect::<Vec<_>>();
        assert_eq!(names("mug"), ["Blue mug", "Moss mug"]);
        assert_eq!(names("MUG blue"), ["Blue mug", "Moss mug"]);
        assert_eq!(names("teapot"), ["Teapot"]);
        assert!(names("  ").is_empty() && names("bicycle").is_empty());
    }
}
