//! The ballot of `spec/voting.md` §§7–9 written a second time, slowly and straight from the text, over
//! `curve25519-dalek` alone: what the tests compare with, and the place where provers cheat.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as G;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint as Point};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;

/// `H(domain, fields)`.
pub(crate) fn hash(domain: &str, fields: &[&[u8]]) -> [u8; 64] {
    let mut message = frame(format!("sinpyo-vote/1/{domain}").as_bytes());
    for field in fields {
        message.extend(frame(field));
    }
    sinpyo_crypto::hash::sha512(&message)
}

fn frame(field: &[u8]) -> Vec<u8> {
    let length = u32::try_from(field.len()).unwrap();
    [&length.to_le_bytes(), field].concat()
}

pub(crate) fn scalar(domain: &str, fields: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&hash(domain, fields))
}

pub(crate) fn point(domain: &str, fields: &[&[u8]]) -> Point {
    Point::from_uniform_bytes(&hash(domain, fields))
}

pub(crate) fn generator(label: &str, number: usize) -> Point {
    point("generator", &[label.as_bytes(), &le32(number)])
}

pub(crate) fn le32(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap().to_le_bytes()
}

/// `λ` of `κ`.
fn lock(key: &[u8; 32]) -> [u8; 32] {
    hash("cast", &[key])[..32].try_into().unwrap()
}

fn joined(points: &[Point]) -> Vec<u8> {
    points.iter().flat_map(|point| point.compress().to_bytes()).collect()
}

fn bytes(point: &Point) -> [u8; 32] {
    point.compress().to_bytes()
}

/// Everything public.
#[derive(Clone)]
pub(crate) struct Public {
    pub(crate) election: [u8; 32],
    pub(crate) context: [u8; 64],
    pub(crate) header: [u8; 8],
    pub(crate) contests: Vec<usize>,
    pub(crate) base: usize,
    pub(crate) digits: usize,
    pub(crate) keys: Vec<Point>,
    pub(crate) ring: Vec<Point>,
    pub(crate) root: [u8; 32],
}

/// Everything that a voter has.
#[derive(Clone)]
pub(crate) struct Private {
    pub(crate) s: Scalar,
    pub(crate) r: Scalar,
    pub(crate) position: usize,
    pub(crate) choices: Vec<u8>,
    pub(crate) b: [u8; 32],
    pub(crate) w: [u8; 32],
    pub(crate) key: [u8; 32],
}

/// A ballot in the making. Cheats change it between its stages.
#[derive(Clone)]
pub(crate) struct Proof {
    /// `κ`.
    pub(crate) key: [u8; 32],
    pub(crate) sigma: Vec<Scalar>,
    pub(crate) a: Vec<Scalar>,
    pub(crate) rho: Scalar,
    pub(crate) tau: Scalar,
    pub(crate) tag: Point,
    pub(crate) alpha: Point,
    pub(crate) beta: Vec<Point>,
    pub(crate) big_a: Point,
    pub(crate) big_b: Point,
    pub(crate) x_points: Vec<Point>,
    pub(crate) y0: Point,
    pub(crate) t0: Point,
    pub(crate) t1: Point,
    pub(crate) e: Scalar,
    pub(crate) x: Scalar,
    /// `f` without column 0.
    pub(crate) f: Vec<Scalar>,
    pub(crate) za: Scalar,
    pub(crate) zrho: Scalar,
    pub(crate) zs: Scalar,
    pub(crate) zr: Scalar,
}

/// When a cheat is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// σ and α, β are chosen; what follows is made from them.
    Chosen,
    /// Before `e`.
    First,
    /// Before `x`; `e` is known.
    Second,
    /// `x` and all responses are known.
    Done,
}

impl Public {
    fn rows(&self) -> Vec<usize> {
        let contests = self.contests.iter().map(|options| options + 1);
        std::iter::repeat_n(self.base, self.digits).chain(contests).collect()
    }

    /// The columns that are options: `i = 1 … m`.
    pub(crate) fn options(&self) -> Vec<usize> {
        let mut column = self.base * self.digits;
        let mut options = Vec::new();
        for contest in &self.contests {
            options.extend(column + 1..=column + contest);
            column += contest + 1;
        }
        options
    }

    fn e_hash(&self, proof: &Proof) -> [u8; 64] {
        hash(
            "e",
            &[
                &self.context,
                &self.header,
                &lock(&proof.key),
                &self.root,
                &bytes(&proof.tag),
                &bytes(&proof.alpha),
                &joined(&proof.beta),
                &bytes(&proof.big_a),
                &bytes(&proof.big_b),
                &joined(&proof.x_points),
                &bytes(&proof.y0),
                &bytes(&proof.t0),
            ],
        )
    }

    fn digit(&self, position: usize, digit: usize) -> usize {
        position / self.base.pow(u32::try_from(digit).unwrap()) % self.base
    }

    /// Makes a ballot, as §9.2 says but where `cheat` changes it.
    #[expect(
        clippy::too_many_lines,
        clippy::many_single_char_names,
        clippy::needless_range_loop,
        reason = "§9 in its order and letters"
    )]
    pub(crate) fn prove(&self, own: &Private, cheat: &mut dyn FnMut(Stage, &mut Proof)) -> Vec<u8> {
        let (gs, h, u) = (generator("Gs", 0), generator("H", 0), point("tag", &[&self.election]));
        let rows = self.rows();
        let columns: usize = rows.iter().sum();
        let lock = lock(&own.key);
        let rho = scalar("rho", &[&own.b, &self.context, &self.header, &lock, &self.root, &own.choices]);
        let mut proof = self.begin(own, rho, rho * G, own.s * u);
        cheat(Stage::Chosen, &mut proof);

        let fields: [&[u8]; 9] = [
            &own.b,
            &own.w,
            &self.context,
            &self.header,
            &lock,
            &self.root,
            &bytes(&proof.tag),
            &bytes(&proof.alpha),
            &joined(&proof.beta),
        ];
        let mask = hash("mask", &fields);
        let mut number = 0;
        let mut draw = || {
            number += 1;
            scalar("mask-scalar", &[&mask, &le32(number - 1)])
        };
        for row in &rows {
            let others: Vec<Scalar> = (1..*row).map(|_| draw()).collect();
            proof.a.push(-others.iter().sum::<Scalar>());
            proof.a.extend(others);
        }
        let (ra, rb, rho_s) = (draw(), draw(), draw());
        let mut rho_k: Vec<Scalar> = (0..self.digits).map(|_| draw()).collect();
        if let Some(first) = rho_k.first_mut() {
            *first = scalar("mask-opening", &[&mask, own.r.as_bytes()]);
        }
        proof.tau = draw();

        let one = Scalar::ONE;
        for c in 0..columns {
            let (p, q, sigma, a) = (generator("P", c), generator("Q", c), proof.sigma[c], proof.a[c]);
            proof.big_b += sigma * p + a * (one - sigma - sigma) * q;
            proof.big_a += a * p - a * a * q;
        }
        proof.big_b += rb * h;
        proof.big_a += ra * h;
        for k in 0..self.digits {
            let mut sum = rho_k[k] * h;
            if k == 0 {
                sum += rho_s * gs;
            }
            for (i, member) in self.ring.iter().enumerate() {
                sum += self.coefficients(&proof, i)[k] * member;
            }
            proof.x_points.push(sum);
        }
        proof.y0 = rho_s * u;
        proof.t0 = proof.tau * G;
        cheat(Stage::First, &mut proof);

        let e64 = self.e_hash(&proof);
        proof.e = Scalar::from_bytes_mod_order_wide(&e64);
        let mut power = one;
        for (i, column) in self.options().into_iter().enumerate() {
            power *= proof.e;
            proof.t1 += power * proof.a[column] * G + proof.tau * power * self.keys[i];
        }
        cheat(Stage::Second, &mut proof);

        proof.x = scalar("x", &[&e64, &bytes(&proof.t1)]);
        let x = proof.x;
        let mut column = 0;
        for row in &rows {
            proof.f.extend((column + 1..column + row).map(|c| proof.sigma[c] * x + proof.a[c]));
            column += row;
        }
        let last = (0..self.digits.max(1)).fold(one, |power, _| power * x);
        proof.za = rb * x + ra;
        proof.zrho = proof.rho * x + proof.tau;
        proof.zs = own.s * last - rho_s;
        proof.zr = own.r * last;
        let mut power = one;
        for blinding in &rho_k {
            proof.zr -= blinding * power;
            power *= x;
        }
        cheat(Stage::Done, &mut proof);
        self.to_bytes(&proof)
    }

    fn begin(&self, own: &Private, rho: Scalar, alpha: Point, tag: Point) -> Proof {
        let mut sigma = Vec::new();
        for j in 0..self.digits {
            sigma.extend((0..self.base).map(|c| Scalar::from(u64::from(c == self.digit(own.position, j)))));
        }
        for (options, choice) in self.contests.iter().zip(&own.choices) {
            sigma.extend((0..=*options).map(|c| Scalar::from(u64::from(c == usize::from(*choice)))));
        }
        let votes = self.options().into_iter().map(|column| sigma[column]);
        let beta = votes.zip(&self.keys).map(|(vote, key)| vote * G + rho * key).collect();
        let (none, zero) = (Point::identity(), Scalar::ZERO);
        Proof {
            key: own.key,
            sigma,
            a: Vec::new(),
            rho,
            tau: zero,
            tag,
            alpha,
            beta,
            big_a: none,
            big_b: none,
            x_points: Vec::new(),
            y0: none,
            t0: none,
            t1: none,
            e: zero,
            x: zero,
            f: Vec::new(),
            za: zero,
            zrho: zero,
            zs: zero,
            zr: zero,
        }
    }

    /// The coefficients of `p_i(x)`, from that of `x^0`.
    fn coefficients(&self, proof: &Proof, position: usize) -> Vec<Scalar> {
        let mut polynomial = vec![Scalar::ONE];
        for j in 0..self.digits {
            let c = j * self.base + self.digit(position, j);
            let mut product = vec![Scalar::ZERO; polynomial.len() + 1];
            for (k, coefficient) in polynomial.iter().enumerate() {
                product[k] += coefficient * proof.a[c];
                product[k + 1] += coefficient * proof.sigma[c];
            }
            polynomial = product;
        }
        polynomial
    }

    fn to_bytes(&self, proof: &Proof) -> Vec<u8> {
        let mut ballot = self.header.to_vec();
        let mut points = vec![proof.tag, proof.alpha];
        points.extend(&proof.beta);
        points.extend([proof.big_a, proof.big_b]);
        points.extend(&proof.x_points);
        points.extend([proof.y0, proof.t0, proof.t1]);
        ballot.extend(joined(&points));
        let mut scalars = proof.f.clone();
        scalars.extend([proof.za, proof.zrho, proof.zs]);
        if self.digits > 0 {
            scalars.push(proof.zr);
        }
        ballot.extend(scalars.iter().flat_map(Scalar::to_bytes));
        ballot.extend(proof.key);
        ballot
    }

    /// Reads a ballot and recomputes its challenges; `None` when an encoding is not canonical.
    pub(crate) fn read(&self, ballot: &[u8]) -> Option<Proof> {
        let (body, key) = ballot.split_last_chunk().unwrap();
        let mut words = body[8..].chunks_exact(32).map(|word| <[u8; 32]>::try_from(word).unwrap());
        let points = 7 + self.options().len() + self.digits;
        let points: Option<Vec<Point>> =
            words.by_ref().take(points).map(|word| CompressedRistretto(word).decompress()).collect();
        let scalars: Option<Vec<Scalar>> =
            words.map(|word| Scalar::from_canonical_bytes(word).into()).collect();
        let (points, scalars) = (points?, scalars?);
        let m = self.options().len();
        let f: usize = self.rows().iter().map(|row| row - 1).sum();
        let none = Private {
            s: Scalar::ZERO,
            r: Scalar::ZERO,
            position: 0,
            choices: vec![0; self.contests.len()],
            b: [0; 32],
            w: [0; 32],
            key: *key,
        };
        let mut proof = self.begin(&none, Scalar::ZERO, points[1], points[0]);
        proof.beta = points[2..2 + m].to_vec();
        (proof.big_a, proof.big_b) = (points[2 + m], points[3 + m]);
        proof.x_points = points[4 + m..4 + m + self.digits].to_vec();
        let rest = &points[4 + m + self.digits..];
        (proof.y0, proof.t0, proof.t1) = (rest[0], rest[1], rest[2]);
        proof.f = scalars[..f].to_vec();
        (proof.za, proof.zrho, proof.zs) = (scalars[f], scalars[f + 1], scalars[f + 2]);
        proof.zr = scalars.get(f + 3).copied().unwrap_or(Scalar::ZERO);
        let e64 = self.e_hash(&proof);
        proof.e = Scalar::from_bytes_mod_order_wide(&e64);
        proof.x = scalar("x", &[&e64, &bytes(&proof.t1)]);
        Some(proof)
    }

    /// Left side minus right side of (E1) to (E5), for the proof's own `e` and `x`.
    pub(crate) fn residuals(&self, proof: &Proof) -> [Point; 5] {
        let (gs, h, u) = (generator("Gs", 0), generator("H", 0), point("tag", &[&self.election]));
        let x = proof.x;
        let mut f = Vec::new();
        let mut given = proof.f.iter().copied();
        for row in self.rows() {
            let others: Vec<Scalar> = given.by_ref().take(row - 1).collect();
            f.push(x - others.iter().sum::<Scalar>());
            f.extend(others);
        }
        let mut e1 = x * proof.big_b + proof.big_a - proof.za * h;
        for (c, f) in f.iter().enumerate() {
            e1 -= f * generator("P", c) + f * (x - f) * generator("Q", c);
        }
        let e2 = x * proof.alpha + proof.t0 - proof.zrho * G;
        let mut e3 = proof.t1;
        let mut power = Scalar::ONE;
        for (i, column) in self.options().into_iter().enumerate() {
            power *= proof.e;
            e3 += power * x * proof.beta[i] - power * f[column] * G - proof.zrho * power * self.keys[i];
        }
        let mut e4 = Point::identity();
        let mut last = Scalar::ONE;
        if self.digits > 0 {
            e4 = -(proof.zs * gs + proof.zr * h);
            for (i, member) in self.ring.iter().enumerate() {
                let product: Scalar = (0..self.digits).map(|j| f[j * self.base + self.digit(i, j)]).product();
                e4 += product * member;
            }
            for point in &proof.x_points {
                e4 -= last * point;
                last *= x;
            }
        } else {
            last = x;
        }
        let e5 = last * proof.tag - proof.y0 - proof.zs * u;
        [e1, e2, e3, e4, e5]
    }
}
